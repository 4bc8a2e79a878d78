"""What is shown of a table once it is known which counts are hidden: states, values, and the rules for shares and estimates."""
