"""The only reader and writer of data/: durable writes, typed reading, migration, reference."""
