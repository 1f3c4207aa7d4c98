"""The database as the statements of a set leave it: replayed from the files alone, in run order."""
