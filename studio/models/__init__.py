"""The tables are the truth: people, what they asked for, what became of it, and the pictures."""

from studio.models.alert import Alert, AlertChannel, AlertDelivery
from studio.models.api_account import ApiAccount
from studio.models.api_file import ApiFile
from studio.models.api_sample import ApiSample
from studio.models.approval import Approval
from studio.models.archive import Archive
from studio.models.attempt import Attempt
from studio.models.batch import Batch
from studio.models.board import Board, BoardMember
from studio.models.board_picture import BoardPicture, BoardRemoval
from studio.models.budget import TeamBudget
from studio.models.case import CaseNote
from studio.models.comment import Comment
from studio.models.comparison import Comparison
from studio.models.data_export import DataExport
from studio.models.discarded_file import DiscardedFile
from studio.models.draft import Draft
from studio.models.failure_count import FailureCount
from studio.models.format_set import FormatSet
from studio.models.gallery_month import GalleryMonth
from studio.models.heartbeat import Heartbeat
from studio.models.input import Input
from studio.models.invite import Invite
from studio.models.job import Job
from studio.models.job_count import JobCount
from studio.models.layers_export import LayersExport
from studio.models.lease import ConductorLease
from studio.models.ledger import LedgerRow
from studio.models.look import Look, LookVersion
from studio.models.look_reference import LookReference
from studio.models.machine import Machine
from studio.models.notification import Notification
from studio.models.opinion import Decision, Rating, Star
from studio.models.pause import SendingPause
from studio.models.people import User
from studio.models.picture import Picture, Rendition
from studio.models.price import Price
from studio.models.proof_link import ProofClient, ProofLink, ProofPicture
from studio.models.provider_usage import ProviderUsage
from studio.models.ratio import Ratio
from studio.models.remote_file import RemoteFile
from studio.models.revision import Revision
from studio.models.run import Run
from studio.models.saved_view import SavedView
from studio.models.search_document import SearchDocument, SearchWord
from studio.models.spent import Spent, SpentDay
from studio.models.split import Split
from studio.models.stack_change import StackChange
from studio.models.storage_figure import StorageFigure
from studio.models.submission import Submission
from studio.models.tag import PictureTag, Tag
from studio.models.token import ApiToken, TokenUse
from studio.models.trail import TrailEntry
from studio.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "Alert",
    "AlertChannel",
    "AlertDelivery",
    "ApiAccount",
    "ApiFile",
    "ApiSample",
    "ApiToken",
    "Approval",
    "Archive",
    "Attempt",
    "Batch",
    "Board",
    "BoardMember",
    "BoardPicture",
    "BoardRemoval",
    "CaseNote",
    "Comment",
    "Comparison",
    "ConductorLease",
    "DataExport",
    "Decision",
    "DiscardedFile",
    "Draft",
    "FailureCount",
    "FormatSet",
    "GalleryMonth",
    "Heartbeat",
    "Input",
    "Invite",
    "Job",
    "JobCount",
    "LayersExport",
    "LedgerRow",
    "Look",
    "LookReference",
    "LookVersion",
    "Machine",
    "Notification",
    "Picture",
    "PictureTag",
    "Price",
    "ProofClient",
    "ProofLink",
    "ProofPicture",
    "ProviderUsage",
    "Rating",
    "Ratio",
    "RemoteFile",
    "Rendition",
    "Revision",
    "Run",
    "SavedView",
    "SearchDocument",
    "SearchWord",
    "SendingPause",
    "Spent",
    "SpentDay",
    "Split",
    "StackChange",
    "Star",
    "StorageFigure",
    "Submission",
    "Tag",
    "TeamBudget",
    "TokenUse",
    "TrailEntry",
    "User",
    "Webhook",
    "WebhookDelivery",
]
