"""What can be concluded: tests, models, reliability, drivers, ranks, small areas, two sources."""
