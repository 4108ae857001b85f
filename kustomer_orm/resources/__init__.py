"""The API's nouns: one file each, and each file is data."""

from kustomer_orm.resources.attachment import Attachment, Media
from kustomer_orm.resources.audit_log import AuditLog
from kustomer_orm.resources.brand import Brand
from kustomer_orm.resources.company import Company
from kustomer_orm.resources.conversation import Conversation
from kustomer_orm.resources.conversation_time import ConversationTime
from kustomer_orm.resources.customer import Customer, CustomerMerge
from kustomer_orm.resources.customer_event import CustomerEvent
from kustomer_orm.resources.draft import Draft
from kustomer_orm.resources.forward import Forward
from kustomer_orm.resources.klass import Klass
from kustomer_orm.resources.kobject import KObject
from kustomer_orm.resources.message import Message
from kustomer_orm.resources.note import Note
from kustomer_orm.resources.outbound_account import OutboundAccount
from kustomer_orm.resources.queue import Queue
from kustomer_orm.resources.satisfaction import Satisfaction
from kustomer_orm.resources.schedule import Schedule
from kustomer_orm.resources.shortcut import Shortcut
from kustomer_orm.resources.sla import Sla
from kustomer_orm.resources.spam_sender import SpamSender
from kustomer_orm.resources.tag import Tag
from kustomer_orm.resources.team import Team
from kustomer_orm.resources.user import User

__all__ = [
    "Attachment",
    "AuditLog",
    "Brand",
    "Company",
    "Conversation",
    "ConversationTime",
    "Customer",
    "CustomerEvent",
    "CustomerMerge",
    "Draft",
    "Forward",
    "KObject",
    "Klass",
    "Media",
    "Message",
    "Note",
    "OutboundAccount",
    "Queue",
    "Satisfaction",
    "Schedule",
    "Shortcut",
    "Sla",
    "SpamSender",
    "Tag",
    "Team",
    "User",
]
