"""Twilio: voice calls, SMS and WhatsApp."""
