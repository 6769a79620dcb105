"""What can be done with an installation: one function a command or a page calls."""
