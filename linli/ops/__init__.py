"""Running linli: the embedded database, the supervisor and the command line. Nothing below imports from here."""
