"""What executes instructions: Unicorn with its block probe, and a scripted double for tests."""
