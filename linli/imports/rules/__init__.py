"""What a table of an office means, on plain values: where its heading is, and which element each column holds."""
