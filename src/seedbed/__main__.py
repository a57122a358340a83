"""`python -m seedbed`, and the `seedbed` command."""

from seedbed.app import main

if __name__ == "__main__":
    main()
