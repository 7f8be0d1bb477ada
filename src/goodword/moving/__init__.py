"""Moving a desk to another database: copied, compared, and gone on with wherever it was stopped."""
