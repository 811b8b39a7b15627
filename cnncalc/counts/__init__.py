"""What a number is: a claim, a convention's count, another network's."""
