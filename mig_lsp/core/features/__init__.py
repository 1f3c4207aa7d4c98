"""The editor features, one module each: functions over a `Snapshot` that return inert values.

Offsets count code points, paths are relative to the root of the workspace with `/`. A path that belongs to no document
of the set gets an empty answer.
"""
