"""Every address of the studio, grouped under its prefix."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from studio import urls_account, urls_admin
from studio.api import agents
from studio.views import errors, keys, media, notifications, privacy, pulse
from studio.views.account import data_exports
from studio.views.boards import board
from studio.views.boards import page as boards
from studio.views.boards import settings as board_settings
from studio.views.create import asked_before, draft, looks, uploads
from studio.views.create import page as create
from studio.views.edits import bulk_edit, crop, cut_out, formats, keep, layers, marks
from studio.views.gallery import archived, archives, filter_menu, opinions_of_many, saved_views, stack, trash
from studio.views.gallery import count as gallery_count
from studio.views.gallery import page as gallery
from studio.views.jobs import deciding, groups
from studio.views.jobs import page as jobs
from studio.views.pictures import comments, compare, downloads, family, flags, opinions, sheets
from studio.views.pictures import page as pictures
from studio.views.proof import files as proof_files
from studio.views.proof import page as proof
from studio.views.proof import proofs
from studio.views.state import health, metrics
from studio.views.team import page as people

pages = [
    # /
    path("", create.create, name="create"),
    path("submissions/", create.submit, name="submit"),
    path("draft/", draft.draft, name="draft"),
    path("uploads/", uploads.upload, name="upload"),
    path("uploads/mine/", asked_before.my_uploads, name="my_uploads"),
    path("prompts/", asked_before.past_prompts, name="past_prompts"),
    path("pulse/", pulse.pulse, name="pulse"),
    # /jobs/<code>/
    path("jobs/<uuid:code>/", jobs.job, name="job"),
    path("jobs/<uuid:code>/cancellation/", deciding.cancel, name="cancel_job"),
    path("jobs/<uuid:code>/retry/", deciding.retry, name="retry_job"),
    path("jobs/<uuid:code>/stop-waiting/", deciding.stop_waiting, name="stop_waiting"),
    path("jobs/<uuid:code>/second-send/", deciding.send_again, name="send_job_again"),
    path("jobs/<uuid:code>/luma-id/", deciding.look_up, name="look_up_job"),
    path("jobs/<uuid:code>/write-off/", deciding.write_off, name="write_off_job"),
    path("jobs/<uuid:code>/dismissal/", deciding.dismiss, name="dismiss_job"),
    path("jobs/<uuid:code>/lift/", deciding.lift, name="prioritize_job"),
    path("failures/dismissal/", deciding.dismiss_failures, name="dismiss_failures"),
    # /jobs/<code>/layers/
    path("jobs/<uuid:code>/layers/", layers.layers, name="layers"),
    path("jobs/<uuid:code>/layers/arrangement/", layers.arrange_layers, name="arrange_layers"),
    path("jobs/<uuid:code>/layers/exports/", layers.export_layers, name="export_layers"),
    path("jobs/<uuid:code>/layers/<str:content>.webp", layers.layers_proof, name="layers_proof"),
    # /exports/<code>/
    path("exports/<uuid:code>/", layers.layers_export, name="layers_export"),
    path("exports/<uuid:code>/file/", layers.download_export, name="download_export"),
    # /archives/<code>/
    path("archives/", archives.new_archive, name="new_archive"),
    path("archives/<uuid:code>/", archives.archive, name="archive"),
    path("archives/<uuid:code>/file/", archives.download_archive, name="download_archive"),
    path("exports/everything/<uuid:code>/", data_exports.data_export, name="data_export"),
    path("people/<int:pk>/export/", data_exports.export_person, name="export_person"),
    path("boards/<uuid:code>/export/", data_exports.export_board, name="export_board"),
    # /groups/<code>/
    path("groups/<uuid:code>/", groups.group, name="group"),
    path("groups/<uuid:code>/cancellation/", groups.cancel_unsent, name="cancel_unsent"),
    path("groups/<uuid:code>/kept/", groups.keep_all, name="keep_all"),
    # /submissions/<code>/
    path("submissions/<uuid:code>/choice/", groups.choose, name="choose"),
    path("submissions/<uuid:code>/privacy/", privacy.set_privacy, name="set_privacy"),
    path("submissions/<uuid:code>/redo/", groups.redo, name="redo"),
    # /edits/
    path("edits/", bulk_edit.bulk_edit, name="bulk_edit"),
    # /looks/
    path("looks/", looks.looks, name="looks"),
    path("looks/new/", looks.new_look, name="new_look"),
    path("looks/offer/", looks.offer_looks, name="offer_looks"),
    path("looks/dock/", looks.dock_look, name="dock_look"),
    path("looks/<uuid:code>/", looks.look, name="look"),
    path("looks/<uuid:code>/deletion/", looks.delete_look, name="delete_look"),
    # /boards/
    path("boards/", boards.boards, name="boards"),
    path("boards/new/", boards.new_board, name="new_board"),
    path("boards/additions/", boards.add_to_board, name="add_to_board"),
    path("boards/removals/<uuid:code>/undo/", board.undo_removal, name="undo_removal"),
    path("boards/in-dock/", board_settings.dock_board, name="dock_board"),
    path("boards/<uuid:code>/", board.board, name="board"),
    path("boards/<uuid:code>/settings/", board_settings.board_settings, name="board_settings"),
    path("boards/<uuid:code>/sheet/", sheets.board_sheet, name="board_sheet"),
    path("boards/<uuid:code>/order/", board.move_on_board, name="move_on_board"),
    path("boards/<uuid:code>/removals/", board.remove_from_board, name="remove_from_board"),
    path("boards/<uuid:code>/cover/", board.set_cover, name="set_cover"),
    path("boards/<uuid:code>/archive/", board_settings.archive_board, name="archive_board"),
    path("boards/<uuid:code>/deletion/", board_settings.delete_board, name="delete_board"),
    # /gallery/
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/count/", gallery_count.gallery_count, name="gallery_count"),
    path("gallery/filters/<slug:field>/", filter_menu.filter_menu, name="filter_menu"),
    path("gallery/views/", saved_views.save_view, name="save_view"),
    path("gallery/views/<uuid:code>/removal/", saved_views.remove_view, name="remove_view"),
    # /trash/
    path("trash/", trash.trash, name="trash"),
    path("gallery/archive/", archived.archive_chosen, name="archive_chosen"),
    path("gallery/stack/", stack.stack_chosen, name="stack_chosen"),
    path("gallery/stack/<uuid:code>/undo/", stack.undo_stack, name="undo_stack"),
    path("pictures/<uuid:code>/stack/", stack.stack, name="stack"),
    path("gallery/archive/undo/", archived.undo_archiving, name="undo_archiving"),
    path("pictures/<uuid:code>/archive/", archived.archive_picture, name="archive_picture"),
    path("trash/chosen/", trash.trash_chosen, name="trash_chosen"),
    path("trash/restoration/", trash.restore_trashed, name="restore_trashed"),
    path("trash/emptying/", trash.empty_trash, name="empty_trash"),
    path("pictures/<uuid:code>/uses/", trash.picture_uses, name="picture_uses"),
    path("pictures/<uuid:code>/trash/", trash.trash_picture, name="trash_picture"),
    path("pictures/<uuid:code>/deletion/", trash.delete_picture, name="delete_picture"),
    # /compare/
    path("compare/", compare.compare, name="compare"),
    # /pictures/<code>/
    path("pictures/<uuid:code>/", pictures.picture, name="picture"),
    path("pictures/<uuid:code>/sheet/", sheets.picture_sheet, name="picture_sheet"),
    path("pictures/<uuid:code>/filmstrip/", pictures.filmstrip, name="filmstrip"),
    path("pictures/<uuid:code>/family/", family.family, name="family"),
    path("pictures/<uuid:code>/formats/", formats.formats, name="formats"),
    path("format-sets/", formats.save_format_set, name="save_format_set"),
    path("format-sets/<int:pk>/removal/", formats.remove_format_set, name="remove_format_set"),
    path("pictures/<uuid:code>/flag/", flags.flag_picture, name="flag_picture"),
    path("pictures/<uuid:code>/crop/", crop.crop, name="crop"),
    path("pictures/<uuid:code>/cut-out/", cut_out.cut_out, name="cut_out"),
    path("pictures/<uuid:code>/edges/", cut_out.cut_out_layer, name="cut_out_layer"),
    path("pictures/<uuid:code>/keep/", keep.keep, name="keep"),
    path("pictures/<uuid:code>/keep/<str:content>-<str:which>.png", keep.comparison_map, name="comparison_map"),
    path("pictures/<uuid:code>/keep/preview.webp", keep.preview, name="keep_preview"),
    path("pictures/<uuid:code>/marks/", marks.mark_up, name="marks"),
    path("pictures/<uuid:code>/download/", downloads.download, name="download"),
    path("pictures/<uuid:code>/original/", media.original, name="original"),
    path("pictures/<uuid:code>/<str:content>-<int:size>.webp", media.rendition, name="rendition"),
    # /proofs/
    path("proofs/", proofs.proofs, name="proofs"),
    path("proofs/new/", proofs.new_proof, name="new_proof"),
    path("proofs/<uuid:code>/revocation/", proofs.revoke_proof, name="revoke_proof"),
    # /proof/<token>/, for clients without an account
    path("proof/<str:token>/", proof.proof, name="proof"),
    path("proof/<str:token>/password/", proof.proof_password, name="proof_password"),
    path("proof/<str:token>/name/", proof.proof_name, name="proof_name"),
    path("proof/<str:token>/done/", proof.proof_done, name="proof_done"),
    path("proof/<str:token>/<uuid:code>/", proof.proof_picture, name="proof_picture"),
    path("proof/<str:token>/<uuid:code>/decision/", proof.proof_decision, name="proof_decision"),
    path("proof/<str:token>/<uuid:code>/comments/", proof.proof_comment, name="proof_comment"),
    path("proof/<str:token>/<uuid:code>/download/", proof_files.proof_download, name="proof_download"),
    path("proof/<str:token>/<uuid:code>/<int:size>.webp", proof_files.proof_file, name="proof_file"),
    # /pictures/<code>/: stars, ratings, decisions, tags
    path("pictures/<uuid:code>/star/", opinions.star, name="star"),
    path("pictures/<uuid:code>/rating/", opinions.rate, name="rate"),
    path("pictures/<uuid:code>/decision/", opinions.decide, name="decide"),
    path("pictures/<uuid:code>/tags/", opinions.tag_picture, name="tag_picture"),
    path("opinions/", opinions_of_many.opinions_of_many, name="opinions_of_many"),
    path("opinions/undo/", opinions_of_many.undo, name="undo_opinions"),
    path("tags/offer/", opinions.offer_tags, name="offer_tags"),
    # comments, /comments/<code>/
    path("pictures/<uuid:code>/comments/", comments.comments, name="comments"),
    path("pictures/<uuid:code>/comments/people/", comments.offer_people, name="offer_people"),
    path("comments/<uuid:code>/", comments.edit_comment, name="edit_comment"),
    path("comments/<uuid:code>/deletion/", comments.delete_comment, name="delete_comment"),
    path("comments/<uuid:code>/resolution/", comments.resolve_comment, name="resolve_comment"),
    # /notifications/
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.read_notifications, name="read_notifications"),
    path("notifications/ways/", notifications.notification_ways, name="notification_ways"),
    path("notifications/<uuid:code>/", notifications.open_notification, name="open_notification"),
    path("keys/", keys.keys, name="keys"),
    path("theme/", people.theme, name="theme"),
    # for machines
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    *urls_account.pages,
    *urls_admin.pages,
]

urlpatterns = [
    path("", include((pages, "studio"))),
    path("api/v1/", include(("studio.api.v1", "api"))),
    path("v1/", include(("studio.api.theirs", "luma"))),
    path("mcp", agents.mcp, name="mcp"),
    path("mcp/", agents.mcp, name="mcp_with_slash"),
    path("back-office/", admin.site.urls),
]

handler400 = "studio.views.errors.bad_request"
handler403 = "studio.views.errors.forbidden"
handler404 = "studio.views.errors.not_found"
handler500 = "studio.views.errors.server_error"

__all__ = ["errors", "urlpatterns"]
