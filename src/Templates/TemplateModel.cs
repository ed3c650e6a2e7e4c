using System.Text.Json;
using Engagement.Templates.Language;

namespace Engagement.Templates;

/// <summary>A loose model read from JSON, for trying a template out; production renders typed rows.</summary>
public sealed class TemplateModel
{
    private TemplateModel(RenderSchema schema, RenderRow row)
    {
        Schema = schema;
        Row = row;
    }

    /// <summary>The top-level names of the model; compile the template for this schema.</summary>
    public RenderSchema Schema { get; }

    /// <summary>The values of the model; render this row.</summary>
    public RenderRow Row { get; }

    /// <summary>Makes a model of a JSON object; its members become the template's variables, and texts that are ISO dates stay texts.</summary>
    /// <param name="json">The object.</param>
    /// <exception cref="ArgumentException">The JSON is not an object, or a member's name cannot be a variable.</exception>
    public static TemplateModel FromJson(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object) throw new ArgumentException("The model must be a JSON object.", nameof(json));
        var members = json.EnumerateObject().ToArray();
        var schema = new RenderSchema([.. members.Select(member => member.Name)]);
        var row = new RenderRow(schema);
        for (var column = 0; column < members.Length; column++) row.Set(column, JsonValues.Read(members[column].Value));
        return new TemplateModel(schema, row);
    }
}
