"""Did it help? Protocol, designs, balance, sensitivity and verdict of an evaluation."""
