"""From estimates and points to a frozen folder that anyone can read and check."""
