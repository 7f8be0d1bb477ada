"""How mail programs introduce what they quote, in the languages that we know of. Data only."""

from __future__ import annotations

import re

_VERBS = (
    # Germanic
    r"wrote|sent|writes|schrieb|geschrieben|schreef|geschreven|skrev|skrifaði",
    # Romance
    r"a écrit|ha scritto|escribió|escreveu|va escriure|a scris",
    # Slavic and Baltic
    r"napisał|napisała|napisał\(a\)|napsal|napsala|napsal\(a\)|napísal|napísal\(a\)|написал|"
    r"написала|написал\(а\)|пишет|написав|написав\(ла\)|пише|je napisao|je napisao/la|је написао|"
    r"je napisal|написа|rašė|rakstīja",
    # Others
    r"kirjoitti|kirjutas|írta|şunu yazdı|yazdı|đã viết|menulis|γραψε|έγραψε|כתב|כתבה|كتب|"
    r"写道|寫道|のメール|のメッセージ|님이 작성",
)
VERB = f"(?:{'|'.join(_VERBS)})"

# "On Monday … wrote:", "schrieb … :" and the like; the date or an address must be near.
WROTE = re.compile(
    rf"(?i)^.{{0,400}}(?:(?<!\w){VERB}|のメール|のメッセージ|님이 작성)(?!\w)"
    r".{0,200}?[:：]?\s*-{0,8}\s*$"
)
STARTS = re.compile(
    r"(?i)^(?:on|am|le|el|il|em|op|den|på|dne|dňa|w dniu|dnia|pe|ma|ti|ke|to|la|su|vào|at|a|"
    r"в|от|el día|no dia|em|pada|στις|ב-|في|在|于)\b"
)
_MONTHS = (
    r"jan|feb|mar|mär|apr|may|mai|maj|jun|jul|aug|sep|oct|okt|nov|dec|dez|déc|dic|dik|ene|abr|ago|"
    r"set|out|gen|mag|giu|lug|ott|avr|juin|juil|août|fév|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|"
    r"янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|tammi|helmi|maalis|huhti|touko|kesä|heinä|"
    r"elo|syys|loka|marras|joulu"
)
DATE = re.compile(
    r"(?i)\d{1,2}[:.h]\d{2}|\d{1,4}\s?[-./]\s?\d{1,2}\s?[-./]\s?\d{1,4}"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?:{_MONTHS})|(?:{_MONTHS})\w*\.?\s+\d{{1,2}}\b"
    r"|\d{4}年|tháng|\b(?:19|20)\d\d\b"
)
ADDRESS = re.compile(r"[^\s<>@\"]{1,100}@[^\s<>@\"]{1,100}")
# "2017-11-24 16:32 GMT+01:00 Somebody <…>:" and its kin have no verb at all.
DATED = re.compile(
    r"(?i)^\W{0,3}(?:\w{2,12},?\s+)?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{1,2}:\d{2}\b"
    r"|\d{1,2}\s+\w{3,12}"
    r"\s+\d{4}).{0,200}<?[^\s<>@\"]{1,100}@[^\s<>@\"]{1,100}>?\s*:?\s*$"
)

# New words and "On …, somebody wrote:" on one line; the date must follow "On" at once.
SHARED_LINE = re.compile(
    r"^([^>\s].*?\S)(?:\s{1,5}|\s{0,5}(?=-))(-{0,8}\s{0,5}\bOn "
    r"(?:[A-Z][a-z]{2,8},? )?(?:\d|[A-Z][a-z]{2,8} \d)"
    r".{0,200}wrote:)\s*$"
)

_ORIGINAL = (
    r"original message|reply message|original appointment|ursprüngliche nachricht|antwort nachricht"
    r"|originalnachricht|original-nachricht|message d['’]origine|message original|mensaje original"
    r"|messaggio originale|mensagem original|oorspronkelijk bericht|origineel bericht"
    r"|oprindelig (?:meddelelse|besked)|opprinnelig melding|ursprungligt meddelande"
    r"|originalmeddelande|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość"
    r"|původní zpráva|pôvodná správa|исходное сообщение|původní e-mail|eredeti üzenet"
    r"|orijinal mesaj|mesajul original|原始邮件|原始郵件|元のメッセージ|원본 메일|원본 메시지"
)
ORIGINAL = re.compile(rf"(?i)^[\s>*]*[-_=]{{2,}}\s*(?:{_ORIGINAL})\s*[-_=]{{2,}}\s*$")
ANDROID = re.compile(rf"(?i)^\s*-{{2,}}\s*(?:on\s.{{1,120}}\s)?.{{0,120}}{VERB}\s?:?\s*-{{2,}}\s*$")
_FORWARDED = (
    r"forwarded message|begin forwarded message|weitergeleitete (?:nachricht|e-mail|mail)"
    r"|anfang der weitergeleiteten (?:nachricht|e-mail)|message transféré|message réexpédié"
    r"|début du message (?:réexpédié|transféré)|mensaje reenviado|inicio del mensaje reenviado"
    r"|messaggio inoltrato|inizio messaggio inoltrato|mensagem encaminhada|doorgestuurd bericht"
    r"|begin doorgestuurd bericht|vidarebefordrat (?:brev|meddelande)"
    r""
    r"|videresendt (?:besked|melding)"
    r"|välitetty viesti|wiadomość przekazana|przekazana wiadomość|přeposlaná zpráva"
    r"|пересылаемое сообщение|továbbított üzenet|iletilen mesaj|转发的邮件|轉寄的郵件"
    r"|転送メッセージ"
)
FORWARDED = re.compile(rf"(?i)^[\s>*]*-{{0,20}}\s*(?:{_FORWARDED})\s*[-:：]{{0,20}}\s*:?\s*$")

_FROM = (
    r"from|von|de|da|van|fra|från|od|от|отправитель|lähettäjä|feladó|gönderen|kimden|dari|από|"
    r"von|expéditeur|afzender|avsändare|발신|보낸 사람|发件人|寄件者|差出人|Từ|Nadawca"
)
_OTHER = (
    r"sent|date|to|cc|subject|gesendet|datum|an|betreff|kopie|envoyé|envoyé le|à|a|objet"
    r"|copie à|cc|"
    r"date d['’]envoi|enviado|enviado el|enviada em|fecha|para|asunto|assunto|data|inviato|oggetto|"
    r"verzonden|aan|onderwerp|sendt|dato|til|emne|skickat|till|ämne|lähetetty|vastaanottaja|aihe|"
    r"päivämäärä|wysłano|wysłane|do|temat|data|odesláno|komu|předmět|odoslané|predmet|отправлено|"
    r"дата|кому|тема|elküldve|címzett|tárgy|gönderilme|tarih|kime|konu|gửi|đến|chủ đề|reply-to|"
    r"发送时间|收件人|主题|寄件日期|收件者|主旨|"
    r"送信日時|宛先|件名|보낸 날짜|받는 사람|제목|message du"
)
FROM_FIELD = re.compile(rf"(?i)^[\s*_]*(?:{_FROM})\s?[*_]*\s?[:：]\s?[*_]*\s?\S")
FIELD = re.compile(rf"(?i)^[\s*_]*(?:{_FROM}|{_OTHER})\s?[*_]*\s?[:：]")

SENT_FROM = re.compile(
    r"(?i)^\W{0,3}(?:sent (?:from|using|via|with)\b|get outlook for|gesendet (?:von|mit|über)\b|"
    r"von meinem \w+ gesendet|diese nachricht wurde von meinem|envoyé (?:de|depuis|à partir de)\b|"
    r"envoyé d['’]|enviado (?:desde|do|de|pelo|a partir)\b|inviato (?:da|dal|dallo)\b|"
    r"verzonden (?:vanaf|vanuit|met|via)\b|verstuurd (?:vanaf|met)\b|sendt fra\b|skickat från\b|"
    r"lähetetty\b|wysłan[eo] z\b|odesláno z\b|odoslané z\b|отправлено (?:с|из)\b|"
    r"gönderildi$|obtener outlook|télécharger outlook|outlook für|iphoneから送信|从我的|發自我的|"
    r"发自我的).{0,80}$"
)
SIGNATURE = re.compile(r"^(?:--|—|––|__)\s?$")
DASHED = re.compile(r"^--\s*$")
LIST_FOOTER = re.compile(r"^_{2,}\s*$")
UNDERSCORES = re.compile(r"^\s*_{20,}\s*$")
DASHES = re.compile(r"^\s*[-=]{4,}\s*$")
QUOTED = re.compile(r"^\s{0,3}>(?!>>+\s+>>>)")
