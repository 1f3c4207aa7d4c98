"""The manifest: the file that lists the migrations, in the order in which the runner executes them."""
