using System.Text;
using Engagement.Templates;
using Engagement.Templates.Content;

namespace Engagement.Messaging.Content;

/// <summary>What one message says on the channel that it takes.</summary>
/// <param name="Values">Keywords or variables, with their values as they go to the provider.</param>
/// <param name="Text">The text as the person reads it, without an SMS's signature: what is checked.</param>
/// <param name="Signature">An SMS's signature with its brackets; empty elsewhere.</param>
/// <param name="Segments">Parts that an SMS is billed for, signature counted; 0 elsewhere.</param>
internal readonly record struct MessageText(IReadOnlyList<KeyValuePair<string, string>> Values, string Text, string Signature, int Segments)
{
    /// <summary>The whole text, as it is frozen.</summary>
    public string Whole => Signature + Text;

    /// <summary>Renders the keywords of a subscribe message or of a template message; values that are too long for their keyword are shortened.</summary>
    /// <exception cref="TemplateException">A keyword failed on this row, or its value cannot be made to fit.</exception>
    public static MessageText WeChat(IReadOnlyList<KeyValuePair<string, ICompiledTemplate>> keywords, RenderRow row)
    {
        var values = new KeyValuePair<string, string>[keywords.Count];
        var text = new StringBuilder();
        for (var i = 0; i < values.Length; i++)
        {
            var (key, template) = keywords[i];
            var fit = KeywordRules.Fit(key, template.Render(row));
            if (fit.Value is not { } value) throw DoesNotFit(template.Name, fit.Finding!);
            values[i] = KeyValuePair.Create(key, value);
            text.Append(i == 0 ? "" : "\n").Append(value);
        }

        return new MessageText(values, text.ToString(), "", 0);
    }

    /// <summary>Renders a customer-service message.</summary>
    /// <exception cref="TemplateException">The text failed on this row.</exception>
    public static MessageText Chat(ICompiledTemplate text, RenderRow row) => new([], text.Render(row), "", 0);

    private static TemplateException DoesNotFit(string template, KeywordFinding finding) =>
        new([new TemplateError(template, 1, 1, finding.Message, finding.MessageZh, "")]);

    /// <summary>Renders an SMS: the variables, and the whole text with its signature for length and price.</summary>
    /// <exception cref="TemplateException">A variable failed on this row.</exception>
    public static MessageText Sms(CompiledVersion version, SmsContent content, RenderRow row) => Sms(version, content, content.SignName, row);

    /// <inheritdoc cref="Sms(CompiledVersion, SmsContent, RenderRow)"/>
    public static MessageText Sms(CompiledVersion version, SmsContent content, string signName, RenderRow row)
    {
        var values = new KeyValuePair<string, string>[version.Parameters.Count];
        var text = new StringBuilder(content.Text);
        for (var i = 0; i < values.Length; i++)
        {
            var (key, template) = version.Parameters[i];
            var value = template.Render(row);
            values[i] = KeyValuePair.Create(key, value);
            text.Replace("${" + key + "}", value);
        }

        var signature = $"【{signName}】";
        return new MessageText(values, text.ToString(), signature, SmsSegments.Count(signature + text));
    }
}
