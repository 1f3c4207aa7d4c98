"""The files of a workspace: found, read and written."""
