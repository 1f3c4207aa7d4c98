"""The commands of the command line, one module each: `run(args, console)` does it and returns the exit code."""
