"""`python -m seedbed`, and the `seedbed` command."""

from seedbed.app.house import main

if __name__ == "__main__":
    main()
