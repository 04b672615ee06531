"""The rectification notice: number, QR code, paper, the owner's page, delivery."""
