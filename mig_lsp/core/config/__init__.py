"""The configuration: values, reading with positions, JSON Schema."""
