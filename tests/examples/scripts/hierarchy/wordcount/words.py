"""What is done to a text."""


def words_of(text):
    return text.lower().split()
