"""What the desk's front pages read. Every page has its file: they join the apps below and share nothing else."""
