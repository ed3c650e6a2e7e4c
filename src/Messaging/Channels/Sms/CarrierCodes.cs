using static Engagement.Messaging.Channels.ErrorClass;

namespace Engagement.Messaging.Channels.Sms;

/// <summary>What a carrier's code in a receipt means for the next message to that number.</summary>
/// <remarks>The carriers' sub-codes are many and unpublished; those here are the ones with a known meaning, and the rest stay unknown.</remarks>
internal static class CarrierCodes
{
    /// <summary>The class of a carrier's code; <see cref="ErrorClass.None"/> when the phone has the message.</summary>
    public static ErrorClass Classify(string code) => code switch
    {
        "DELIVRD" or "DELIVERED" or "ACCEPTD" => None,
        "EXPIRED" => Retry,
        "DELETED" => PermanentTemplate,
        "UNDELIV" => PermanentRecipient,
        // The number has refused us at the provider, or the carrier bars it.
        "W-BLACK" => PermanentRecipient,
        "REJECTD" => Config,
        "DB:0101" or "DB:0102" or "CB:0001" or "CB:0053" => PermanentRecipient,
        "DB:9007" => Retry,
        _ when code.EndsWith(":0008", StringComparison.Ordinal) || code.EndsWith(":0054", StringComparison.Ordinal) => Retry,
        // The SMS centre's own numbers behind the general states.
        _ when code.StartsWith("MI:", StringComparison.Ordinal) => Retry,
        _ when code.StartsWith("MJ:", StringComparison.Ordinal) => PermanentTemplate,
        _ when code.StartsWith("MK:", StringComparison.Ordinal) => PermanentRecipient,
        _ when code.StartsWith("ML:", StringComparison.Ordinal) => None,
        _ when code.StartsWith("MN:", StringComparison.Ordinal) => Config,
        _ => Unknown,
    };
}
