"""How machines give themselves away, in the languages that we know of. Data only."""

from __future__ import annotations

import re

# Only at the very start: "Re: Out of office" is a person who answers.
_VACATION = (
    r"out of (?:the )?office|automatic(?:al)? (?:reply|response)"
    r"|auto(?:mated)?[ -]?(?:reply|response"
    r"|responder)|away from (?:my|the) (?:office|mail|desk)|on (?:vacation|holiday|annual leave)"
    r"|vacation (?:reply|notice|message|response)|absence notice"
    r"|automatische (?:antwort|rückantwort|e-?mail-antwort)|abwesenheit(?:snotiz|snachricht"
    r"|sassistent|smeldung|sbenachrichtigung|sinfo(?:rmation)?)?|autom\. antwort"
    r"|(?:message |réponse )?(?:d['’]absence|automatique(?: d['’]absence)?)|réponse automatique"
    r"|absence du bureau|absent du bureau|je suis absent|notification d['’]absence"
    r"|respuesta automática|fuera de (?:la )?oficina|ausencia de la oficina|ausente"
    r"|risposta automatica|fuori sede|fuori ufficio|assenza dall['’]ufficio"
    r"|resposta automática|fora do escritório|ausência temporária"
    r"|automatisch(?:e)? (?:antwoord|beantwoording)|afwezig(?:heids)?(?:bericht|melding)?"
    r"|autosvar|automatisk(?:t)? svar|fravær|frånvaro|ikke til stede|ikke på kontoret"
    r"|automaattinen vastaus|poissa(?:olo)?|autoodpowiedź|automatyczna odpowiedź|nieobecność"
    r"|automatická odpov[eě]ď|mimo kancelář|automatikus válasz|házon kívül|otomatik yanıt"
    r"|ofis dışında"
    r"|автоответ|автоматический ответ|автоматична відповідь|вне офиса|răspuns automat"
    r"|自动回复|自動回覆|自動回復|自動応答|自動返信|不在通知|부재중|자동 ?(?:응답|회신)"
)
VACATION_SUBJECT = re.compile(
    rf"(?i)^\W{{0,3}}(?:{_VACATION})\s*(?:(?:auto(?:matic)?[ -]?(?:reply|response))\s*)?"
    r"(?:[:：\-–—(\[|/]|$|re\b|aw\b|is\b|until\b|bis\b)"
)
CHALLENGE_SUBJECT = re.compile(
    r"(?i)(?:please (?:confirm|verify) (?:your|that you|this) (?:message|e-?mail|sent|address to)"
    r"|confirm(?:ation)? (?:is )?(?:required|needed) (?:to|for) (?:deliver"
    r"|your (?:message|e-?mail))"
    r"|your (?:e-?mail|message) (?:requires|needs|is awaiting) (?:verification"
    r"|confirmation|approval)"
    r"|\bsender (?:verification|confirmation|address verification) (?:required|request)?"
    r"|verify# ?\w|\[?boxtrapper|spam ?arrest|challenge[ -]response"
    r"|bitte bestätigen sie (?:ihre|diese) (?:e-?mail|nachricht)|absenderbestätigung"
    r"|veuillez confirmer (?:votre|l['’]envoi de votre) (?:message|e-?mail|courriel)"
    r"|confirme (?:su|el envío de su) (?:mensaje|correo)|mailinblack|mail in black"
    r"|подтвердите отправку)"
)
CHALLENGE_FIELDS = {"x-boxtrapper", "x-challenge", "x-challenge-response", "x-tmda-confirm",
                    "x-mailinblack", "x-spamarrest-challenge"}  # fmt: skip

BOUNCE_SUBJECT = re.compile(
    r"(?i)(?:undeliver(?:ed|able)|delivery (?:status notification|failure|has failed|problem|error"
    r"|report|attempt)|mail delivery (?:failed|failure|system|subsystem|problem|error|delayed)"
    r"|failure notice|returned mail|returned (?:to sender|message)|mail (?:system )?error"
    r"|message (?:delivery (?:failure|delayed)|you sent blocked|not delivered|undeliverable|frozen)"
    r"|non[- ]?delivery|could ?n[o']t be delivered|cannot deliver|not delivered"
    r"|warning: could not send"
    r"|warning: message|unzustellbar|nicht zugestellt|unzustellbarkeit"
    r"|zustellung.{0,20}fehlgeschlagen"
    r"|non remis|non distribu|échec de (?:la )?(?:remise|livraison|distribution)"
    r"|no se (?:pudo|puede|ha podido) entregar|no entregado|mancata consegna|impossibile recapitare"
    r"|não entregue|falha na entrega|onbestelbaar|niet bezorgd|kan ej levereras|ikke leveret"
    r"|olevererbart|ikke leveres|toimittaminen epäonnistui|niedostarczon|nedoručen"
    r"|недоставлен|не доставлено|退信|配信不能|送信エラー|반송)"
)
DAEMON = re.compile(
    r"(?i)^(?:mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mail-delivery(?:-subsystem)?"
    r"|mdaemon|majordomo-owner|bounces?|(?:microsoftexchange)[0-9a-f]{20,})(?:\+.*)?@"
)
DAEMON_NAME = re.compile(r"(?i)mailer[-_ ]?daemon|mail delivery (?:sub)?system|^postmaster\b")
NO_REPLY = re.compile(
    r"(?i)^(?:[\w.+-]{0,40}[._+-])?(?:(?:do[._-]?)?no[tn]?[._-]?(?:reply|respond|respuesta)"
    r"|nicht[._-]?antworten|keine[._-]?antwort|ne[._-]?pas[._-]?repondre|nepasrepondre"
    r"|no[._-]?responder|no[._-]?contestar|non[._-]?rispondere|nao[._-]?responda"
    r"|niet[._-]?beantwoorden"
    r"|svara[._-]?ej|ikke[._-]?svar|ei[._-]?vastata|nie[._-]?odpowiadaj)(?:[._+-][\w.+-]{0,80})?@"
)
# Nobody who is asked a question reads these.
MACHINE_REPLY_TO = re.compile(
    r"(?i)^(?:leave|unsub(?:scribe)?|remove|bounces?|return|nobody|devnull)(?:[-+._=][^@]{0,200})?@"
)
MACHINE_SENDER = re.compile(
    r"(?i)^(?:rss|rss-?feeds?|rss2e?mail|feeds?|nobody|cron|cron-?daemon|autoreply|auto-reply"
    r"|autoresponder|auto-confirm|automailer)@"
)
LIST_FIELDS = {"list-id", "list-post", "list-software", "mailing-list", "x-mailing-list",
               "x-mailinglist", "x-beenthere", "x-mailman-version", "x-listname",
               "x-list-id"}  # fmt: skip
# A way out alone is a mailing; a list has a name or an address to post to.
BULK_FIELDS = {"list-unsubscribe", "list-unsubscribe-post", "list-subscribe", "list-owner",
               "list-help", "list-archive", "x-campaign", "x-campaignid", "x-campaign-id",
               "x-mailchimp-id", "x-mc-user",
               "x-csa-complaints", "x-mailer-recptid", "x-bulkmail", "x-newsletter"}  # fmt: skip
VACATION_FIELDS = {"x-autoreply", "x-autoreply-from", "x-autorespond", "x-autoresponse",
                   "x-autoresponder", "x-mail-autoreply", "x-autoreply-domain",
                   "x-vacation"}  # fmt: skip
OTHER_FIELDS = {"x-cron-env", "x-fc-machinegenerated", "x-auto-generated", "x-autogenerated"}
