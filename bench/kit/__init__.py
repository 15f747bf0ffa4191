"""What `./run bench http` is made of: the data, the load, and the same site without sign-in, row-level security and trail."""
