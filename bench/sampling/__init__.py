"""How fast samples are planned and drawn."""
