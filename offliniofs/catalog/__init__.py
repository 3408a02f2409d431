"""The SQLite catalogue: connections, migrations, reader, writer, search. The only room with apsw."""
