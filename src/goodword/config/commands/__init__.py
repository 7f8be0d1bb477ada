"""The commands: their words and options. The work is done by modules that each one names."""
