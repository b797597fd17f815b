"""`python -m wufu.cli`: the console script where none is installed."""

from wufu.cli import main

if __name__ == "__main__":
    main()
