"""The pure core: values in, values out. No files, clocks, threads, sockets or protocol types."""
