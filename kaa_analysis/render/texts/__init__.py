"""What people write in a report: reading and checking their texts, filling in figures from released cells, telling what has changed."""
