using Engagement.Members;

namespace Engagement.Messaging.Outbox;

/// <summary>A message to be said: one row of the outbox, with the keys that keep it from being said twice.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Class">Its delivery class.</param>
/// <param name="Run">The run that made it.</param>
/// <param name="Member">To whom.</param>
/// <param name="TemplateVersionId">What renders it.</param>
/// <param name="Params">The ids that its text is made from, as JSON; never a name or a phone.</param>
/// <param name="ReadyAt">When it is due (Unix milliseconds, business time).</param>
/// <param name="NotAfter">The last moment to send it (Unix milliseconds, business time).</param>
/// <param name="Keys">At least one; a message that merges several occasions has one for each.</param>
public sealed record NewMessage(
    MessageId Id, MessageKind Kind, DeliveryClass Class, RunId Run, MemberId Member, long TemplateVersionId, string Params,
    long ReadyAt, long NotAfter, IReadOnlyList<string> Keys);
