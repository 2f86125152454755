"""make_lines.py FILE COUNT: write a file of random lines, the same every time, for merge_sort.py."""

import random
import sys


def main(path, count):
    dice = random.Random(1)
    with open(path, "w") as lines:
        for _ in range(count):
            lines.write("".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(5, 40))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
