"""What carries migrations out: how it cuts a file into chunks, and what happens to each of them."""
