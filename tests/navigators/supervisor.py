"""What a supervisor does with the photo log."""

from playwright.sync_api import Page


class Supervisor:
    """The person behind a signed-in phone or desk."""

    def __init__(self, page: Page) -> None:
        self.page = page
