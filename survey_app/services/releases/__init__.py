"""What is published of rounds, what a release carries for those who check it."""
