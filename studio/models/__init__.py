"""The tables are the truth: people, what they asked for, what became of it, and the pictures."""

from studio.models.account.invite import Invite
from studio.models.account.notification import Notification
from studio.models.account.token import ApiToken, TokenUse
from studio.models.alerts.alert import Alert, AlertChannel, AlertDelivery
from studio.models.alerts.webhook import Webhook, WebhookDelivery
from studio.models.board import Board, BoardMember
from studio.models.boards.board_picture import BoardPicture, BoardRemoval
from studio.models.budget import TeamBudget
from studio.models.files.api_file import ApiFile
from studio.models.files.archive import Archive
from studio.models.files.data_export import DataExport
from studio.models.files.discarded_file import DiscardedFile
from studio.models.files.layers_export import LayersExport
from studio.models.files.remote_file import RemoteFile
from studio.models.job import Job
from studio.models.jobs.attempt import Attempt
from studio.models.jobs.count import JobCount
from studio.models.lease import ConductorLease
from studio.models.looks.look import Look, LookVersion
from studio.models.looks.reference import LookReference
from studio.models.opinions.comment import Comment
from studio.models.opinions.opinion import Decision, Rating, Star
from studio.models.opinions.tag import PictureTag, Tag
from studio.models.pause import SendingPause
from studio.models.people import User
from studio.models.picture import Picture, Rendition
from studio.models.pictures.comparison import Comparison
from studio.models.pictures.gallery_month import GalleryDay, GalleryMonth
from studio.models.pictures.split import Split
from studio.models.proof.link import ProofClient, ProofLink, ProofPicture
from studio.models.ratio import Ratio
from studio.models.requests.approval import Approval
from studio.models.requests.batch import Batch
from studio.models.requests.draft import Draft
from studio.models.requests.format_set import FormatSet
from studio.models.requests.input import Input
from studio.models.review.case import CaseNote
from studio.models.review.failure_count import FailureCount
from studio.models.revision import Revision
from studio.models.search.document import SearchDocument, SearchWord
from studio.models.search.saved_view import SavedView
from studio.models.spend.ledger import LedgerRow
from studio.models.spend.price import Price
from studio.models.spend.provider_usage import ProviderUsage
from studio.models.spend.spent import Spent, SpentDay
from studio.models.stacks.change import StackChange
from studio.models.state.api_account import ApiAccount
from studio.models.state.api_sample import ApiSample
from studio.models.state.heartbeat import Heartbeat
from studio.models.state.machine import Machine
from studio.models.state.run import Run
from studio.models.state.storage_figure import StorageFigure
from studio.models.submission import Submission
from studio.models.trail import TrailEntry

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
    "GalleryDay",
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
