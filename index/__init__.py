"""Words to answers: schema, writer, query language, search."""
