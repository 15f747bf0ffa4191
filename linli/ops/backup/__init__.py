"""Backup, restore and the drill that proves them: base backups, every byte of WAL as it is written, files; all encrypted."""
