"""The small process that keeps a mount while daemons come and go.

It holds the kernel's descriptor and the session memory, starts the daemon, and starts it again when it dies. It takes
no part in any request. It stays under 15 MB resident, so nothing here imports more than the lighter parts of the
standard library: no trio, no SQLite, no logging, nothing of the other rooms. docs/reliability.md describes the whole.
"""
