"""A message by e-mail, over SMTP with TLS."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from olorin_pipelines.config import EmailNotice
from olorin_pipelines.errors import NotificationFailed
from olorin_pipelines.notify.message import Message

__all__ = ["EmailChannel", "email_of"]


class EmailChannel:
    """Sends from one address to some."""

    def __init__(self, notice: EmailNotice) -> None:
        self._notice = notice

    def send(self, message: Message, *, timeout: float) -> None:
        """Send one mail. A name and a password are never sent without TLS."""
        notice = self._notice
        try:
            with self._connected(timeout) as server:
                if notice.tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if notice.username and notice.password:
                    server.login(notice.username, notice.password.reveal())
                server.send_message(email_of(message, sender=notice.sender, to=notice.to))
        except (OSError, ValueError, smtplib.SMTPException) as error:
            final = isinstance(error, ValueError | smtplib.SMTPAuthenticationError | smtplib.SMTPRecipientsRefused)
            raise NotificationFailed(f"the mail was not taken: {type(error).__name__}", again=not final) from None

    def _connected(self, timeout: float) -> smtplib.SMTP:
        notice = self._notice
        if notice.tls == "tls":
            return smtplib.SMTP_SSL(notice.host, notice.port, timeout=timeout, context=ssl.create_default_context())
        return smtplib.SMTP(notice.host, notice.port, timeout=timeout)


def email_of(message: Message, *, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Return the mail; mails about the same deployment stand in one thread."""
    mail = EmailMessage()
    mail["Subject"] = f"[olorin] {message.title}"
    mail["From"], mail["To"], mail["Date"] = sender, ", ".join(to), formatdate(message.at)
    mail["References"] = f"<{message.incident.replace('/', '.')}@olorin>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text + "\n")
    return mail
