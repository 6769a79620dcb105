"""How sure the results of a design would be, and what that costs."""
