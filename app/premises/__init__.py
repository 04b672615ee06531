"""One file per premises (一户一档): register, search, import, door codes."""
