"""One command that brings everything up and takes everything down: the embedded PostgreSQL, web and worker."""
